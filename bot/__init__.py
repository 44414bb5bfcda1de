"""vpn-diagnose: a Slack bot that finds out why a VPN to Alibaba Cloud is down."""
