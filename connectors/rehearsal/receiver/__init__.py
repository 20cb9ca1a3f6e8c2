"""The rehearsal receiver: a strict new one-stop over HTTP, a stand-in for the real one."""
