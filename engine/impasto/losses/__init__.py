"""What the optimisation minimises, as pure functions of feature maps."""
