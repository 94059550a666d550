"""Search of trees along which models travel, with the width of each device and the host of its samples."""
