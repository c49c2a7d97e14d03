// An edit that is no part of the image.
