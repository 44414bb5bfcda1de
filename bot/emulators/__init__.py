"""Stand-ins for Slack and Alibaba Cloud: servers that anyone's client can be pointed at by its base URL."""
