"""How docks, the lines between them and the headers of tables are drawn.

A style sheet for docks would be one of all that is in them; one of a header does not follow another palette reliably.
"""

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionDockWidget,
    QStyleOptionHeader,
    QTableView,
    QWidget,
)

_ELEMENT = QStyle.ControlElement
_EXTENTS = {
    QStyle.PixelMetric.PM_DockWidgetSeparatorExtent: 1,
    QStyle.PixelMetric.PM_DockWidgetTitleMargin: 7,
    QStyle.PixelMetric.PM_HeaderMargin: 4,
    QStyle.PixelMetric.PM_HeaderMarkSize: 0,
}
"""Logical pixels."""
_INDENT = 10  # logical pixels before the title of a dock


class PlainStyle(QProxyStyle):
    """The style of the application with thin separators, bold titles of docks, and headers without a ground."""

    def __init__(self, parent: QObject) -> None:
        super().__init__("Fusion")
        self.setParent(parent)

    def pixelMetric(  # noqa: N802 (Qt's name)
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Measure what is drawn."""
        return _EXTENTS[metric] if metric in _EXTENTS else super().pixelMetric(metric, option, widget)

    def sizeFromContents(  # noqa: N802 (Qt's name)
        self, contents: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        """Leave no room in a header for the arrow that is not drawn."""
        if contents == QStyle.ContentsType.CT_HeaderSection and isinstance(option, QStyleOptionHeader):
            option.sortIndicator = QStyleOptionHeader.SortIndicator.None_
        return super().sizeFromContents(contents, option, size, widget)  # type: ignore[arg-type]  # None is a widget's

    def drawPrimitive(  # noqa: N802 (Qt's name)
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw what separates docks as a line, and no arrow where a table is sorted: its words have one."""
        if element == QStyle.PrimitiveElement.PE_IndicatorDockWidgetResizeHandle:
            painter.fillRect(option.rect, option.palette.mid())
        elif element != QStyle.PrimitiveElement.PE_IndicatorHeaderArrow:
            super().drawPrimitive(element, option, painter, widget)

    def drawControl(  # noqa: N802 (Qt's name)
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Draw the title of a dock, or a part of a header."""
        palette = option.palette
        if element == _ELEMENT.CE_DockWidgetTitle and isinstance(option, QStyleOptionDockWidget) and widget is not None:
            room = self.subElementRect(QStyle.SubElement.SE_DockWidgetTitleBarText, option, widget)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic
            font = painter.font()
            font.setWeight(QFont.Weight.DemiBold)
            painter.save()
            painter.setFont(font)
            words = room.adjusted(_INDENT, 0, 0, 0)
            self.drawItemText(painter, words, flags, palette, True, option.title, QPalette.ColorRole.WindowText)
            painter.restore()
        elif element in (_ELEMENT.CE_HeaderSection, _ELEMENT.CE_HeaderEmptyArea):
            painter.fillRect(option.rect, palette.window())
            if element == _ELEMENT.CE_HeaderSection:
                painter.fillRect(option.rect.adjusted(0, option.rect.height() - 1, 0, 0), palette.mid())
        else:
            if element == _ELEMENT.CE_HeaderLabel:
                palette.setBrush(QPalette.ColorRole.ButtonText, palette.placeholderText())
                option.palette = palette
            super().drawControl(element, option, painter, widget)


def flatten(table: QTableView) -> None:
    """Let a table stand on the ground of its panel, with a plain header."""
    table.viewport().setBackgroundRole(QPalette.ColorRole.Window)
    style = PlainStyle(table)
    for header in (table.horizontalHeader(), table.verticalHeader()):
        header.setStyle(style)
