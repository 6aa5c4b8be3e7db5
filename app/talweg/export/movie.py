"""Frames on disk: a video (.mp4), an animation (.gif, .webp), or a folder of pictures (no suffix)."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg_compute.messages import InputError

Image = NDArray[np.uint8]

MOVIE_SUFFIXES = (".mp4", ".gif", ".webp", "")
"""What a movie can be; no suffix is a folder of numbered .png files."""

MOST_FRAMES = 7200
_RATES = (1, 120)
_QUALITY = 18  # constant rate factor of H.264; at 18 nobody tells a frame from its picture
_WEBP_QUALITY = 85


def check_movie(path: Path, size: tuple[int, int], *, transparent: bool) -> None:
    """Say early what cannot become a movie.

    Args:
        path: The file, or the folder.
        size: Of the frames, in pixels.
        transparent: Whether they have an opacity.

    Raises:
        InputError: The suffix is another, or the format cannot hold these frames.
    """
    suffix = path.suffix.lower()
    if suffix not in MOVIE_SUFFIXES:
        raise InputError(
            f"{path}: a movie is written as .mp4, .gif or .webp, or without a suffix as a folder of .png files; "
            "name it so."
        )
    if suffix == ".mp4" and (size[0] % 2 or size[1] % 2):
        raise InputError(f"size: got {size[0]} x {size[1]}; an .mp4 needs an even width and height.")
    if transparent and suffix in (".mp4", ".gif"):
        raise InputError(f"{path}: {suffix} knows no opacity; take .webp or a folder of .png files, or a background.")
    if suffix == "" and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path}: this is there already; name a folder that is new or empty.")
    if suffix == ".mp4":
        _ffmpeg()


def frame_rate(path: Path, fps: float) -> float:
    """Return the rate nearest to the wanted one at which every frame of a format is seen equally long.

    Args:
        path: The file: a GIF counts in hundredths of a second, and players take 0.02 s for the least.
        fps: Frames a second.

    Raises:
        InputError: The rate is out of range.
    """
    low, high = _RATES
    if not low <= fps <= high:
        raise InputError(f"fps: got {fps:g}; expected {low} to {high} frames a second.")
    if path.suffix.lower() == ".gif":
        return 100.0 / max(2, round(100.0 / fps))
    return 1000.0 / round(1000.0 / fps) if path.suffix.lower() == ".webp" else fps


def write_movie(
    path: Path, frames: Iterator[Image], count: int, fps: float, texts: Mapping[str, str], samples: Sequence[Image] = ()
) -> None:
    """Write frames as they come; whoever looks sees no movie or the whole one, also where the frames end in an error.

    Args:
        path: The file or the folder; its suffix says how.
        frames: uint8 [height, width, 3 or 4] each, of one size.
        count: How many these are.
        fps: As ``frame_rate`` has it.
        texts: What it shows: ``Title``, ``Description``, and JSON by further keywords.
        samples: Frames that together show every colour, for a GIF, which has 256.

    Raises:
        InputError: It cannot be written.
    """
    match path.suffix.lower():
        case "":
            _write_folder(path, frames, texts)
        case ".mp4":
            with replacing(path) as temporary:
                _write_video(path, temporary, frames, fps, texts)
        case ".gif":
            with replacing(path) as temporary:
                _write_gif(temporary, frames, fps, texts, samples)
        case _:
            with replacing(path) as temporary:
                _write_webp(temporary, frames, count, fps, texts)


def _write_folder(path: Path, frames: Iterator[Image], texts: Mapping[str, str]) -> None:
    from talweg.figures.render import write_png

    target = path.absolute()
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        temporary.mkdir()
        for number, frame in enumerate(frames):
            write_png(temporary / f"{target.name}_{number:04d}.png", frame, texts)
        if target.is_dir():
            target.rmdir()  # it is empty
        temporary.rename(target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: the folder cannot be written: {reason}; choose another place.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_gif(
    path: Path, frames: Iterator[Image], fps: float, texts: Mapping[str, str], samples: Sequence[Image]
) -> None:
    """One palette for all frames, so that nothing flickers that does not move."""
    from PIL import Image as Images

    first = next(frames)
    seen = np.concatenate([sample[::2, ::2] for sample in (samples or [first])])
    palette = Images.fromarray(seen).quantize(256, Images.Quantize.MEDIANCUT)

    def reduced(frame: Image) -> Any:
        return Images.fromarray(frame).quantize(palette=palette, dither=Images.Dither.NONE)

    reduced(first).save(
        path,
        format="GIF",
        save_all=True,
        append_images=map(reduced, frames),
        duration=round(1000 / fps),
        loop=0,
        optimize=False,
        comment="\n".join(texts.values()).encode(),
    )


def _write_webp(path: Path, frames: Iterator[Image], count: int, fps: float, texts: Mapping[str, str]) -> None:
    """One picture after the other goes to the encoder; Pillow would first gather those that are to be appended."""
    from PIL import Image as Images

    first = next(frames)
    reel: Any = Images.new("RGBA" if first.shape[2] == 4 else "RGB", (first.shape[1], first.shape[0]))
    reel.frombytes(first.tobytes())
    reel.n_frames = count
    place = 0

    def seek(index: int) -> None:
        nonlocal place
        if index == place + 1:
            place = index
            reel.frombytes(next(frames).tobytes())

    reel.seek = seek
    reel.save(
        path,
        format="WEBP",
        save_all=True,
        duration=round(1000 / fps),
        loop=0,
        quality=_WEBP_QUALITY,
        method=2,
        xmp=_xmp(texts).encode(),
    )


def _xmp(texts: Mapping[str, str]) -> str:
    """Write texts as a packet of XMP, in which other programs find title and description."""
    from xml.sax.saxutils import escape

    def item(name: str, text: str) -> str:
        return f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt></dc:{name}>'

    rest = "\n".join(text for keyword, text in texts.items() if keyword != "Title")
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{item('title', texts.get('Title', ''))}{item('description', rest)}"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _write_video(path: Path, temporary: Path, frames: Iterator[Image], fps: float, texts: Mapping[str, str]) -> None:
    """H.264 in the colours of HD television, which every player and every slide program shows as they are."""
    first = next(frames)
    height, width = first.shape[:2]
    with _metadata_file(texts) as metadata, tempfile.TemporaryFile() as said:
        command = [
            *(_ffmpeg(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
            *("-s", f"{width}x{height}", "-r", f"{fps:.6g}", "-i", "-", "-i", metadata, "-map_metadata", "1", "-an"),
            *("-c:v", "libx264", "-preset", "medium", "-crf", str(_QUALITY)),
            *("-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p"),
            *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
            *("-movflags", "+faststart", str(temporary)),
        ]
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        try:
            assert encoder.stdin is not None  # noqa: S101 (a pipe was asked for)
            with contextlib.suppress(BrokenPipeError):  # its own words follow
                encoder.stdin.write(first.tobytes())
                for frame in frames:
                    encoder.stdin.write(frame.tobytes())
            with contextlib.suppress(BrokenPipeError):
                encoder.stdin.close()
            status = encoder.wait()
        finally:
            if encoder.poll() is None:
                encoder.kill()
                encoder.wait()
            if encoder.stdin is not None and not encoder.stdin.closed:
                with contextlib.suppress(BrokenPipeError):
                    encoder.stdin.close()
        if status:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise InputError(
                f"{path}: the video cannot be written: {words[-1] if words else f'ffmpeg ended with {status}'}."
            )


@contextlib.contextmanager
def _metadata_file(texts: Mapping[str, str]) -> Iterator[str]:
    """Leave texts where ffmpeg reads them: a command line has no room for them on every system."""
    names = {"Title": "title", "Description": "description"}
    known = {names[keyword]: text for keyword, text in texts.items() if keyword in names}
    known["comment"] = "\n".join(text for keyword, text in texts.items() if keyword not in names)
    descriptor, name = tempfile.mkstemp(suffix=".txt")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(";FFMETADATA1\n")
            for keyword, text in known.items():
                stream.write(f"{keyword}={_escaped(text)}\n")
        yield name
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 (its name came as text)


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "=;#\\\n" else letter for letter in text)


def _ffmpeg() -> str:
    """Path of the encoder, which comes with imageio-ffmpeg.

    Raises:
        InputError: There is none for this system.
    """
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise InputError(
            "There is no ffmpeg for this system, which an .mp4 needs; install ffmpeg, or take .gif, .webp or a folder."
        ) from None
