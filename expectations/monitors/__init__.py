"""What a night's data are against their own history: is a day believable, queue by queue and feed by feed."""
