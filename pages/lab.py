"""The Lab: every variant, data set and setting."""

import streamlit as st

from ui import workbench

st.title("Lab", anchor=False)
workbench.lab()
