"""The Lab: every variant, data set and setting."""

from ui import workbench

workbench.lab()
