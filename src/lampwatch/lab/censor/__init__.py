"""What makes a block real: each technique is fitted to a router by kernel rules, a packet reader or a proxy."""
