"""Work on one photo, in a process of its own with bounds on time and memory."""
