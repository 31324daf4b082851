"""First code of ours after reset: make the flash's file system available."""

from hal import flash

flash.mount_root()
