"""Runs: everything trained here."""

import streamlit as st

from ui import library

st.title("Runs", anchor=False)
library.page()
