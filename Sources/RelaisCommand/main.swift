await RelaisTool.begin()
