"""What the fields of a new landscape offer, and what each of them means. Free of Qt."""

PLANES = [
    ("random", "Random directions"),
    ("pca", "Principal components of the training path"),
    ("checkpoints", "Through other checkpoints"),
    ("initial_to_final", "From the first to the last checkpoint"),
    ("gradient", "Steepest descent and a random direction"),
    ("loss_fitting", "Fitted to the losses of the training path"),
    ("file", "Directions from a file"),
]
DIRECTIONS = [("2", "a surface"), ("1", "a line"), ("3", "a volume")]
NORMALIZATIONS = [("filter", "filter-normalized"), ("layer", "layer-normalized"), ("none", "not normalized")]
SUBSETS = [("first", "the first ones"), ("balanced", "the classes in turn")]
BATCH_NORMS = [
    ("", "as the directions have it: frozen, unless they move it"),
    ("frozen", "frozen: the statistics of the checkpoint"),
    ("interpolated", "interpolated: statistics move along the directions"),
    ("recalibrated", "recalibrated: estimated anew at each point"),
]
STAY = [("bias_norm", "biases and norm layers"), ("none", "nothing: all parameters move")]
STEPS = [
    ("all", "every point at once, on all samples"),
    ("auto", "every point on few samples first, then on all"),
    ("given", "every point first on as many samples as you say"),
    ("adaptive", "only the points that the surface needs"),
]
DEVICES = ("auto", "cpu", "cuda", "cuda:0", "cuda:1", "mps")
FORMATS = [(name, name) for name in ("auto", "float32", "tf32", "float16", "bf16")]
INPUTS = (
    "mean = [0.4914, 0.4824, 0.4467], std = [0.2471, 0.2435, 0.2616]",
    "mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]",
    "mean = [0.1307], std = [0.3081]",
)
HELP = {
    "weights": "The weights at the origin of the plane. A folder of checkpoints is a training path: it is drawn on the "
    "surface (Li et al. 2018, section 7), and its last checkpoint is the origin.",
    "model": "The network that the weights belong to. It is guessed where a model of the zoo fits exactly; your own is "
    "named as file.py:function, which returns it; the file may lie beside the checkpoint.",
    "model_args": "Arguments for the model, as in a job file: sizes = [64, 16, 10].",
    "data": "The samples that the loss is averaged over: a data set, an .npz file with inputs and targets, or "
    "file.py:function that returns a torch Dataset, or the inputs and the targets.",
    "data_root": "The folder in which the files of this data set lie.",
    "normalize": "What was taken off each channel of the images, and what it was divided by, after they were scaled "
    "to 0 … 1; as in training. The suggestions are CIFAR-10 as Li et al. 2018 have it, ImageNet, and MNIST.",
    "samples": "Every point sees the same samples: the first ones of the data, or as many of each class; 0 takes all. "
    "Few are quick, and enough for the shape.",
    "loss": "What is averaged over the samples: cross entropy, mean squared error, multi margin, or file.py:function.",
    "metrics": "Numbers beside loss and accuracy, which height and colour can show: names with commas, such as "
    "brier_score (Brier 1950), expected_calibration_error (Guo et al. 2017), or file.py:function of outputs and "
    "targets, a number a sample.",
    "batch_norm": "What the running statistics of BatchNorm layers (Ioffe and Szegedy 2015) do away from the "
    "checkpoint; estimated anew, no barrier comes from statistics that do not fit (Jordan et al. 2023).",
    "plane": "Where the surface cuts through the space of weights: at random or along the training path (Li et al. "
    "2018), straight to another model (Goodfellow et al. 2015), or through three (Garipov et al. 2018).",
    "other": "One checkpoint a direction lies at 1 on its axis (Goodfellow et al. 2015, Garipov et al. 2018); several "
    "are separated by semicolons.",
    "normalization": "Filter: each filter of a random direction gets the norm of the network's filter, so that "
    "surfaces of different networks compare (Li et al. 2018, section 4).",
    "ignore": "Parameters that are the same at every point: Li et al. 2018 let biases and the scales of norm layers "
    "stay where they are.",
    "seed": "Draws the random directions, the same ones on every machine; several, such as 1, 2, 3, give a landscape "
    "each, and their mean and spread. Other seeds look much alike (Li et al. 2018, appendix).",
    "u": "Coordinates along the first direction, and how many points; 51 are those of Li et al. 2018.",
    "v": "Coordinates along the second direction, and how many points; 51 are those of Li et al. 2018.",
    "w": "Coordinates along the third direction, and how many points; left empty, as along the second one.",
    "refine": "Few samples first show the shape early, and the numbers at the end are the same. Where only the points "
    "are evaluated that the surface needs, all others are interpolated within the tolerance, and marked so.",
    "ladder": "Numbers of samples, such as 500, 2000: each pass over the points adds samples to those it has, and the "
    "last one has all.",
    "tolerance": "How far points that are interpolated, or a faster number format, may be off, as a share of the "
    "loss: 0.01 is one percent.",
    "device": "Where it is evaluated: auto takes the fastest there is, cuda all GPUs of the machine, cuda:1 its second "
    "one.",
    "processes": "How many processes evaluate points side by side; the numbers are the same. Left empty: one a core, "
    "or one a GPU.",
    "precision": "The number format of the forward pass. Auto takes a faster one (Micikevicius et al. 2018) only where "
    "its error on this surface was measured.",
}
"""One sentence or two by field, with the paper that the idea is from."""
