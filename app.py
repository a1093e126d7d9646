"""The Autoencoder Lab: `streamlit run app.py`.

The server imports this file for its ASGI app. For a visitor, Streamlit runs it to draw the page.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from starlette.middleware import Middleware

    from ui.server import answers_first, lifespan, precompressed, routes, visitor_cookie

    layers = [
        Middleware(answers_first.AnswersFirst),
        Middleware(visitor_cookie.VisitorCookie),
        Middleware(precompressed.PrecompressedFiles),
    ]
    app = st.App(__file__, routes=routes.routes(), lifespan=lifespan.lifespan, middleware=layers)
else:
    from ui import frame
    from ui.components.chart import bring_library
    from ui.views.lessons import lesson_pages

    # The sidebar's width in pixels. It has to be set before the navigation draws the sidebar.
    st.set_page_config(layout="wide", initial_sidebar_state=200)
    page = st.navigation(
        {
            "": [
                st.Page("pages/home.py", title="Home", default=True),
                st.Page("pages/lab.py", title="Lab", url_path="lab"),
            ],
            "Lessons": lesson_pages(),
            "Results": [
                st.Page("pages/draw.py", title="Draw", url_path="draw"),
                st.Page("pages/generate.py", title="Generate", url_path="generate"),
                st.Page("pages/compare.py", title="Compare", url_path="compare"),
                st.Page("pages/runs.py", title="Runs", url_path="runs"),
            ],
        }
    )
    frame.setup_page(page)
    page.run()
    bring_library(start=page.url_path not in ("", "draw", "generate"))
