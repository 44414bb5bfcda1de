"""`python -m bot …` is the same as `vpn-diagnose …`."""

import sys

from bot.cli import main

sys.exit(main())
