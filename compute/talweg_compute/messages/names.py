"""What a job can name without a file, for those who cannot ask torch: models and data sets."""

MODELS = (
    "densenet121", "digits_resnet", "mlp", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "vgg9", "vgg11",
    "vgg16", "small_cnn",
)  # fmt: skip
"""Names of the zoo's models; torchvision's are named ``torchvision:NAME``."""

LOCAL_DATA = (
    "mnist", "fashion_mnist", "cifar10", "cifar100", "svhn", "mnist_test", "fashion_mnist_test", "cifar10_test",
    "cifar100_test", "svhn_test", "image_folder",
)  # fmt: skip
"""Names of the data sets that lie in a folder, which ``data_args.root`` names."""

DATA = ("digits", "digits_test", *LOCAL_DATA, "two_moons", "spirals", "swiss_roll")
"""Names of all data sets."""
