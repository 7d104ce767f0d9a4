"""The pages of accounts: the way in, one's own account, people, invitations, departments, the audit log."""
