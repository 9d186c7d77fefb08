"""Speed, with a peer measured beside ours in the same run where there is one."""
