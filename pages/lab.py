"""The Lab: every variant, data set and setting."""

from ui.views import workbench

workbench.lab()
