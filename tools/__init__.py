"""Build and check programs of the project: environment, firmware image, fonts, tidy rules."""
