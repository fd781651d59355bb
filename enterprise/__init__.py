"""What the enterprise is: settings, interval grid, business clock, calendars, errors. The ground floor."""
