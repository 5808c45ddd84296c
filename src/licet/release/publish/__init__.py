"""What does a release look like to others? One file a shape, each a pure function of the release and the clock."""
