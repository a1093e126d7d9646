"""Where Streamlit meets the core. Nothing here, nor what it imports, loads TensorFlow."""
