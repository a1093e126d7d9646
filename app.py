"""The Autoencoder Lab: `streamlit run app.py`. Under the server this file makes the ASGI app; for a visitor it draws the page."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from starlette.middleware import Middleware

    from ui import live

    app = st.App(__file__, routes=live.routes(), lifespan=live.lifespan, middleware=[Middleware(live.VisitorCookie)])
else:
    from ui import frame

    page = st.navigation(
        {
            "": [
                st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
                st.Page("pages/lab.py", title="Lab", icon=":material/science:", url_path="lab"),
            ],
            "Lessons": [
                st.Page("pages/linear.py", title="Linear = PCA", icon=":material/filter_1:", url_path="linear"),
                st.Page("pages/stacked.py", title="Stacked", icon=":material/filter_2:", url_path="stacked"),
                st.Page("pages/tied.py", title="Tied weights", icon=":material/filter_3:", url_path="tied"),
                st.Page("pages/greedy.py", title="One at a time", icon=":material/filter_4:", url_path="greedy"),
                st.Page("pages/denoising.py", title="Denoising", icon=":material/filter_5:", url_path="denoising"),
                st.Page("pages/sparse.py", title="Sparse", icon=":material/filter_6:", url_path="sparse"),
                st.Page("pages/variational.py", title="Variational", icon=":material/filter_7:", url_path="variational"),
            ],
            "Results": [
                st.Page("pages/generate.py", title="Generate", icon=":material/auto_awesome:", url_path="generate"),
                st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"),
                st.Page("pages/runs.py", title="Runs", icon=":material/folder:", url_path="runs"),
            ],
        }
    )
    frame.dress(page)
    page.run()
