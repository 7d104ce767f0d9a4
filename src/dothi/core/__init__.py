"""What every city service needs: people, the audit trail, the record of observations and its live view."""
