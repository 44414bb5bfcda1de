"""Us to Alibaba Cloud: the signature, one signed call, and the operations built on it."""
