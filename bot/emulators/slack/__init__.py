"""A stand-in for Slack that its official clients talk to by a base URL, and that people are played in."""

from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.workspace import EXAMPLE, Workspace

__all__ = ["EXAMPLE", "SlackEmulator", "Workspace"]
