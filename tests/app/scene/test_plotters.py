"""PyVista without the modules of its charts, and what comes of those when somebody wants them after all."""

import subprocess
import sys


def run(code: str) -> str:
    """Run code in an interpreter in which nothing is imported yet."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_plotters_need_neither_pyplot_nor_its_canvas() -> None:
    code = (
        "import sys, talweg.scene.plotters; "
        "print({'matplotlib.pyplot', 'matplotlib.figure', 'matplotlib.backends.backend_agg'} & set(sys.modules))"
    )
    assert run(code) == "set()"


def test_charts_work_all_the_same() -> None:
    code = (
        "import talweg.scene.plotters, pyvista; "
        "chart = pyvista.ChartMPL(); "
        "from matplotlib.backends.backend_agg import FigureCanvasAgg; "
        "print(isinstance(chart._canvas, FigureCanvasAgg), isinstance(chart.figure.canvas, FigureCanvasAgg))"
    )
    assert run(code) == "True True"


def test_whoever_imports_them_later_has_the_modules_themselves() -> None:
    code = (
        "import talweg.scene.plotters, matplotlib.pyplot as plt, matplotlib.backends.backend_agg as agg; "
        "print(plt.__file__ is not None, isinstance(plt.figure().canvas, agg.FigureCanvasAgg))"
    )
    assert run(code) == "True True"


def test_whoever_imports_them_meanwhile_may_use_them() -> None:
    code = (
        "from talweg.scene.plotters import without_charts\n"
        "with without_charts():\n"
        "    import matplotlib.pyplot as plt\n"
        "    from matplotlib.backends.backend_agg import FigureCanvasAgg\n"
        "    figure = plt.figure()\n"
        "    from matplotlib.backends.backend_agg import RendererAgg\n"
        "print(type(FigureCanvasAgg(figure).get_renderer()) is RendererAgg)"
    )
    assert run(code) == "True"


def test_what_is_loaded_already_stays() -> None:
    code = "import matplotlib.pyplot as plt, talweg.scene.plotters, sys; print(sys.modules['matplotlib.pyplot'] is plt)"
    assert run(code) == "True"
