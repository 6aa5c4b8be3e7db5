"""Which number formats devices have, and torch's switches."""

import pytest
import torch

from talweg_compute.engine.number_format import TYPES, faster_formats, lacks, switched_on

CPU = torch.device("cpu")


def test_which_formats_devices_have(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda, mps = torch.device("cuda"), torch.device("mps")
    formats = {
        (6, 1): (),
        (7, 0): ("float16",),
        (7, 5): ("float16",),
        (8, 0): ("float16", "bf16", "tf32"),
        (9, 0): ("float16", "bf16", "tf32"),
    }
    for capability, found in formats.items():
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device, found=capability: found)
        assert faster_formats(cuda) == found
        assert [each for each in TYPES if not lacks(each, cuda)] == [*found, "float32"]
    assert faster_formats(mps) == ()
    assert [each for each in TYPES if lacks(each, mps)] == ["tf32"]


@pytest.mark.parametrize(
    ("capabilities", "has"),
    [({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False), ({"avx2": True, "avx512_bf16": True}, True)],
)
def test_a_cpu_has_bf16_where_its_flags_say_so(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], has: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert faster_formats(CPU) == (("bf16",) if has else ())
    assert [each for each in TYPES if not lacks(each, CPU)] == [*faster_formats(CPU), "float32"]


def test_switches_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    matmul, convolution = torch.backends.cuda.matmul, torch.backends.cudnn.conv
    before = matmul.fp32_precision, convolution.fp32_precision
    legacy = matmul.allow_tf32, torch.backends.cudnn.allow_tf32

    def break_off() -> None:
        with switched_on("tf32", torch.device("cuda")):  # the switches are there without a GPU
            assert (matmul.fp32_precision, convolution.fp32_precision) == ("tf32", "tf32")
            with switched_on("float32", torch.device("cuda")):
                assert (matmul.fp32_precision, convolution.fp32_precision) == ("ieee", "ieee")
            assert (matmul.fp32_precision, convolution.fp32_precision) == ("tf32", "tf32")
            assert not torch.backends.cudnn.benchmark
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert (matmul.fp32_precision, convolution.fp32_precision) == before
    assert torch.backends.cudnn.benchmark
    assert (matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == legacy


def test_float32_on_a_cpu_is_float32_whatever_a_users_file_switched_on() -> None:
    matmul, convolution = torch.backends.mkldnn.matmul, torch.backends.mkldnn.conv
    start = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        for precision in ("float32", "bf16"):
            with switched_on(precision, CPU):
                assert (matmul.fp32_precision, convolution.fp32_precision) == ("ieee", "ieee")
            assert matmul.fp32_precision == "bf16"
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(start)
