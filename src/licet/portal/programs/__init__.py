"""Programs of access: applications for research, education and others, asked, answered within days, given as grants."""
