"""What the numbers of a landscape were computed from and with."""

import msgspec


class Provenance(msgspec.Struct, frozen=True):
    """What the numbers were computed from and with.

    Attributes:
        checkpoint: File name of the origin's checkpoint.
        checkpoint_sha256: Hash of that file.
        data_sha256: Hash of the inputs and targets that were used.
        directions_sha256: Hash of the directions, float32 in layout order, one after the other.
        direction_norms: Euclidean norm of each direction.
        cosine: Cosine of the angle between the first two directions; 0 for a line.
        parameters: Number of trainable parameters.
        samples: Number of samples every point sees.
        batch_norm: What the buffers do; "frozen": they stay as the checkpoint has them, "interpolated": they move with
            the plane, "recalibrated": the statistics are re-estimated at each point.
        device: The device that evaluates, in words.
        precision: The number format of the forward pass. Points may have another one.
        batch_size: Samples a mini-batch.
        versions: Version of each program that matters.
        cosines: Cosine of the angle of each pair of directions: u and v, u and w, v and w.
        explained_variance: Of a PCA plane, each axis's share of the variance of the parameters that the plane moves.
        random_walk: The shares that a random walk of as many checkpoints would have in very many dimensions.
        trajectory: Names of the checkpoints that were there when the plane was laid; later ones do not move it.
        moved_sha256: Hash of the plane and the point that the origin was moved to; nothing: it is the checkpoint.
    """

    checkpoint: str
    checkpoint_sha256: str
    data_sha256: str
    directions_sha256: str
    direction_norms: tuple[float, ...]
    cosine: float
    parameters: int
    samples: int
    batch_norm: str
    device: str
    precision: str
    batch_size: int
    versions: dict[str, str]
    cosines: tuple[float, ...] = ()
    explained_variance: tuple[float, ...] = ()
    random_walk: tuple[float, ...] = ()
    trajectory: tuple[str, ...] = ()
    moved_sha256: str = ""

    def same_source(self, other: "Provenance") -> bool:
        """Tell whether points of both may stand in one landscape."""
        return all(
            getattr(self, field) == getattr(other, field)
            for field in ("checkpoint_sha256", "data_sha256", "directions_sha256", "batch_norm", "moved_sha256")
        )
