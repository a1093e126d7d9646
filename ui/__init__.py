"""The Streamlit dashboard. Nothing here, nor anything it imports, loads TensorFlow."""
