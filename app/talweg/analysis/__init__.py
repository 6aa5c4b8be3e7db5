"""What is said of a landscape beyond its points: comparisons, profiles, valleys, noise; in numbers and in words."""
