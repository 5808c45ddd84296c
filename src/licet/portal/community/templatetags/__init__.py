"""Tags of the community's templates."""
