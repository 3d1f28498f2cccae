"""What every picture shares, in a page or in a widget: colours, ticks, and how numbers are written."""
