print("continuum")
