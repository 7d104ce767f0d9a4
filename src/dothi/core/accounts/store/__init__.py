"""Every query of people, their departments and invitations, and of machine keys."""
