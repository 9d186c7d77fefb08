"""What people see and call: the dashboard, the HTTP interface and the command line."""
