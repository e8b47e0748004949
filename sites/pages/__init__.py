"""Pages of sites: the burden of a site, of the network, of a program; the weekly budget."""
