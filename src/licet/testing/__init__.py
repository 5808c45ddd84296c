"""What do the tests of those who use Licet need? Stand-ins for servers that are not theirs: `licet.testing.stripe`."""
