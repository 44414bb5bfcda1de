"""A stand-in for Alibaba Cloud: VPC, STS and RAM on one port, with diagnoses computed from an emulated network."""

from bot.emulators.alibaba.emulator import AlibabaEmulator, alibaba_emulator
from bot.emulators.alibaba.network_file import load_network

__all__ = ["AlibabaEmulator", "alibaba_emulator", "load_network"]
