"""A small page: a slider and its square."""

import streamlit as st

st.title("Squares")
number = st.slider("A number", 0, 100, 7)
st.write(f"{number} times {number} is {number * number}.")
