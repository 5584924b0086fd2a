"""Which device paints, and in which precision."""

import platform

import torch

from impasto.int8 import is_there as has_int8
from impasto_wire.errors import SettingError


def available_devices() -> tuple[str, ...]:
    """The kinds of device that this machine's torch can use, fastest first."""
    checks = {"cuda": torch.cuda, "xpu": torch.xpu, "mps": torch.backends.mps}
    return (*(name for name, backend in checks.items() if backend.is_available()), "cpu")


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; ``auto`` is the fastest, ``cuda:1`` the second GPU. Raises `SettingError` when this
    machine doesn't have it. Whether the fastest can be trusted is another question: see `impasto.painting.trial`."""
    available = available_devices()
    if name == "auto":
        return torch.device(available[0])
    if name not in {*available, *_gpus()}:
        raise SettingError(f"device is {name}; this machine's torch can use {', '.join([*available, *_gpus()[1:]])}")
    return torch.device(name)


def devices_beside(name: str) -> tuple[str, ...]:
    """The other devices, which can paint at the same time as the one that `choose_device` returns for that name."""
    return _gpus()[1:] if name in ("auto", "cuda") else ()


def _gpus() -> tuple[str, ...]:
    return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0))


def describe_device(device: torch.device) -> str:
    """The device's name for a person."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "xpu":
        return torch.xpu.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}" if device.type == "cpu" else device.type


def working_dtype(device: torch.device) -> torch.dtype:
    """The precision of the convolutions: bfloat16 where the hardware multiplies it fast, else 8-bit integers where it
    is a processor that multiplies those quickly, else bfloat16 where it has any, else float32.

    Without such hardware bfloat16 is emulated and several times slower than float32.
    """
    if device.type == "cpu":
        # torch has no public functions that ask for these. It may have been told to use less than there is.
        has_bfloat16 = torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()
        if has_bfloat16 and torch.cpu._is_amx_tile_supported():
            return torch.bfloat16
        if has_int8():  # without AMX, they take a third of bfloat16's time
            return torch.int8
        return torch.bfloat16 if has_bfloat16 else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type == "xpu":
        return torch.bfloat16 if torch.xpu.is_bf16_supported(including_emulation=False) else torch.float32
    return torch.float32


def driver_of(device: torch.device) -> str:
    """The version of what drives a device, as far as torch knows it; empty for the CPU."""
    if device.type == "cuda":
        return f"{torch.version.cuda or torch.version.hip} {torch.cuda.get_device_capability(device)}"
    if device.type == "xpu":
        return str(torch.xpu.get_device_properties(device).driver_version)
    return platform.mac_ver()[0] if device.type == "mps" else ""
