"""What MicroPython starts by itself; frozen beside the chooser."""

import chooser

chooser.run()
