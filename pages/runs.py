"""Runs: everything trained here."""

import streamlit as st

from ui.views import runs

st.title("Runs", anchor=False)
runs.page()
