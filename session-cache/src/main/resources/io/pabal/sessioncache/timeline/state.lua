-- Reply: watermark, floor, messages per timeline (-1: no writer has published)
return {printed(watermark), printed(floor), printed(max)}
