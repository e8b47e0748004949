"""Before a request is accepted: what it would cost, for whom, and the decision itself."""
